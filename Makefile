# make help     what there is to make
SHELL := bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

export PYTHON
BIN := .venv/bin
CHAT := .venv-chat/bin
OUT ?= out/demo
DIR ?= docs/examples
CHAT_CONSTRAINTS := $(patsubst %,-c %,$(wildcard chat_ui/constraints.txt))

.PHONY: help demo test test-chat test-server bench serve chat fuzz lint validators packages clean

help:  ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## */  make \1\t/p' Makefile | expand -t 20

demo: .venv/.base  ## set up, read two example pictures, show what comes of them
	@tools/demo.sh $(BIN)/diagrasp $(OUT) order-approval-ru incident-en

test: test-chat test-server  ## set up and run every test

test-chat: .venv/.dev .venv-chat/.dev packages
	$(CHAT)/python -m pytest -c chat_ui/pyproject.toml --rootdir=. tests/chat

# After the others, so that its summary is the last thing seen.
test-server: .venv/.dev packages tools/validators/node_modules/.installed | test-chat
	$(BIN)/python -m pytest --ignore=tests/chat

bench: .venv/.base  ## how well the pictures of DIR (the examples) are read, and nano's; ARGS for more
	@$(BIN)/diagrasp bench $(DIR) --out out/bench $(ARGS)
	@tools/bench_nano.sh $(BIN)

serve: .venv/.base  ## MCP, REST and metrics on 127.0.0.1:8000
	@$(BIN)/diagrasp serve --http

chat: .venv/.base .venv-chat/.base  ## the chat in the browser, with a server of its own
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(CHAT)/diagrasp-chat

fuzz: .venv/.dev  ## give every reader 20,000 inputs changed at random, and the engine cut pictures; takes long
	DIAGRASP_FUZZ=20000 $(BIN)/python -m pytest tests/formats/test_fuzz.py tests/engines/test_cuts.py

lint: .venv/.dev .venv-chat/.dev  ## style, types, direction of imports, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(CHAT)/mypy --config-file chat_ui/pyproject.toml
	$(BIN)/lint-imports
	$(if $(wildcard Dockerfile),$(BIN)/hadolint Dockerfile)

validators: tools/validators/node_modules/.installed  ## install the tools that tests ask about what is written (npm)

packages:  ## install what packages.txt names and is missing (Debian; as root)
	@tools/packages.sh

clean:  ## remove what make made
	rm -rf .venv .venv-chat out tools/validators/node_modules tools/validators/build

# Exact versions, no lock file: see tools/validators/README.md.
tools/validators/node_modules/.installed: tools/validators/package.json | packages
	cd tools/validators && npm install --no-audit --no-fund --no-package-lock --ignore-scripts --loglevel=error
	touch $@

# The environments.  Their stamps are as old as the last time their packages were installed.

.venv/.base: pyproject.toml constraints.txt
	tools/venv.sh .venv .base -c constraints.txt -e .

.venv/.dev: .venv/.base
	tools/venv.sh .venv .dev -c constraints.txt -e '.[dev]'

.venv-chat/.base: chat_ui/pyproject.toml $(wildcard chat_ui/constraints.txt)
	tools/venv.sh .venv-chat .base $(CHAT_CONSTRAINTS) -e chat_ui

.venv-chat/.dev: .venv-chat/.base
	tools/venv.sh .venv-chat .dev $(CHAT_CONSTRAINTS) -e 'chat_ui[dev]'
