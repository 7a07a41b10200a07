# `make run`, `make check` and `make test` do all the set-up they need; `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements.lock
# -qq prints errors only: pip warns of every package source that it finds empty.
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
# A constraint gives each package, also one that another requires, its version and its hashes.
PIP_LOCKED := $(PIP) --no-build-isolation --require-hashes --constraint $(LOCK)
# The requirement $(1) as the lock has it: each of its lines but the last ends with a backslash.
LOCKED = sed -n '/^$(1)==/,/[^\\]$$/p' $(LOCK)
ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c '$(ENOUGH)' 2>/dev/null && { echo "$$name"; break; }; done)

# The question reaches the shell as a variable, so that no sign in it means anything to make or sh.
ifdef Q
override Q := $(value Q)
endif
export Q

.PHONY: run check test coverage test-emulated bench load soak fuzz screens lint format catalogues lock licences clean help

run: $(VENV)/.installed  ## ask in the terminal; with Q="…" answer that and end
	@if [ -n "$$Q" ]; then $(BIN)/briefing start --question "$$Q"; else $(BIN)/briefing start; fi

# worksteal, because the files differ a hundredfold in how long they take: a worker that has run out
# of tests takes over half of what the other still has, and a file's shared fixtures are set up at
# most once for each worker.
PYTEST := $(BIN)/python -m pytest -n 2 --dist worksteal

check: lint  ## check the format, style, types and imports, and run the unit tests (90 seconds)
	@$(PYTEST) tests/unit $(ARGS)

test: $(VENV)/.installed-test  ## run all tests but the long ones (8 minutes)
	@$(PYTEST) -m "not soak" $(ARGS)

coverage: $(VENV)/.installed-test  ## run the same tests and measure which lines they reach (12 minutes)
	@$(PYTEST) -m "not soak" --cov --cov-report=term $(ARGS)

PROCESSOR ?= Nehalem

test-emulated: $(VENV)/.installed-test  ## run the tests marked `processor` on an emulated PROCESSOR (needs qemu-user)
	@command -v qemu-x86_64 >/dev/null || \
		{ echo "qemu-x86_64 is needed: install your system's package qemu-user" >&2; exit 1; }
	@qemu-x86_64 -cpu $(PROCESSOR) $(BIN)/python -m pytest -p no:cacheprovider -m processor \
		tests/integration/index tests/unit/index/search tests/unit/index/embeddings $(ARGS)

load: $(VENV)/.installed-test  ## measure the bot in Telegram under load
	@$(BIN)/python -m bench.load.telegram $(ARGS)

soak: $(VENV)/.installed-fuzz  ## run the long tests: storms, processes killed many times, a minute of fuzzing each
	@$(BIN)/python -m pytest -m soak $(ARGS)

fuzz: $(VENV)/.installed-fuzz  ## look for inputs that break a reader: make fuzz ARGS="feed --seconds 600"
	@$(BIN)/python -m tests.fuzz.run $(ARGS)

bench: $(VENV)/.installed  ## measure speed and memory against plain sentence-transformers + FAISS
	@$(BIN)/python -m bench.baselines.compare $(ARGS)

screens: $(VENV)/.installed-screens  ## draw and write down what the bot says, in docs/ (needs chromium; 4 minutes)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		command -v google-chrome >/dev/null || \
		{ echo "chromium is needed: install your system's package chromium" >&2; exit 1; }
	@fc-list | grep -q "Noto Sans Arabic" && fc-list | grep -q "Noto Color Emoji" || \
		{ echo "the fonts Noto are needed: install fonts-noto-core and fonts-noto-color-emoji" >&2; exit 1; }
	@$(BIN)/python -m tools.screens pictures transcripts

lint: $(VENV)/.installed-test  ## check the format, style, types and imports
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.installed-test  ## put the code into its usual form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

catalogues: $(VENV)/.installed  ## bring the catalogues of messages up to date with the code
	@sh tools/catalogues "$(BIN)/python" bot/i18n/locales

lock:  ## bring the lock up to date with pyproject.toml; ARGS=--upgrade takes the newest versions
	@sh tools/lock "$(PYTHON)" $(ARGS)

licences: $(VENV)/.installed  ## write the licences of all packages in the lock into docs/licences.md
	@$(BIN)/python tools/licences.py

clean:  ## remove the virtual environment (the archive and the model stay, in var/)
	rm -rf $(VENV)

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/'

$(VENV)/.made: $(LOCK)
	@[ -n "$(PYTHON)" ] && "$(PYTHON)" -c '$(ENOUGH)' || \
		{ echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python" >&2; exit 1; }
	@echo "Creating a virtual environment in $(VENV) with $(PYTHON) …" >&2
	@"$(PYTHON)" -m venv --clear $(VENV) || \
		{ echo "python -m venv failed: your system may keep it in a package of its own (python3-venv)" >&2; exit 1; }
	@$(call LOCKED,pip) > $(VENV)/pip.txt
	@$(PIP) --require-hashes --requirement $(VENV)/pip.txt
	@$(PIP_LOCKED) hatchling editables
	@touch $@

# A file of torch in a folder of pip's settings comes first: where the lock allows several files, pip
# would take one of the index, which may bring gigabytes for graphics cards. The project itself is a
# folder, which has no hash; all that it requires comes before it.
$(VENV)/.installed: $(VENV)/.made pyproject.toml
	@echo "Installing the bot and its libraries into $(VENV) (a few minutes the first time) …" >&2
	@$(call LOCKED,torch) > $(VENV)/torch.txt
	@$(PIP) --no-index --no-deps --require-hashes --requirement $(VENV)/torch.txt 2>/dev/null || true
	@$(BIN)/python tools/requirements.py > $(VENV)/requirements.txt
	@$(PIP_LOCKED) --requirement $(VENV)/requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-%: $(VENV)/.installed
	@echo "Installing what the extra '$*' requires into $(VENV) …" >&2
	@$(BIN)/python tools/requirements.py $* > $(VENV)/requirements-$*.txt
	@$(PIP_LOCKED) --requirement $(VENV)/requirements-$*.txt
	@touch $@

$(VENV)/.installed-screens $(VENV)/.installed-fuzz: $(VENV)/.installed-test
