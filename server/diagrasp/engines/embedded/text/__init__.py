"""Where text is: letters gathered into lines, and parted from the lines that touch them."""
