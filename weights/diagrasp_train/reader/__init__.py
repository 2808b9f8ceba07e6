"""Training of the text-line reader (`diagrasp_weights/reader.onnx`) from nothing but fonts and word lists.

Fonts come from Debian and npm packages (`python -m diagrasp_train.reader.fonts --help` installs and lists them), words
from Debian's `hunspell-ru` and `wamerican`. Then:

    python -m diagrasp_train.reader.train --out run --minutes 90   # trains, resumes, exports run/reader.onnx
    python -m diagrasp_train.reader.evaluate --folder run --tesseract
    python -m diagrasp_train.reader.publish --folder run --card    # calibrated net and model card -> diagrasp_weights
"""
