"""`python -m diagrasp_chat`."""

from diagrasp_chat.launch import main

if __name__ == "__main__":
    main()
