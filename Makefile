# Two commands matter: `make run` starts BackgroundErase, `make test` runs everything that must pass.
.DEFAULT_GOAL := help
.PHONY: messages screenshots pictures bench-quality help run install install-dev test prove check bench bench-engine bench-erasing mutate fuzz fuzz-atheris format requirements

help:
	@echo 'make run            start BackgroundErase: web server, worker and sweeper, on http://localhost:8000/'
	@echo 'make test           install what the tests need and run all of them'
	@echo 'make prove          the long versions of the promises'"'"' tests: 10,000 images, every server, two to three hours'
	@echo 'make screenshots    photograph every page in every state into var/screenshots/, to be looked at'
	@echo 'make pictures       take the tour of README.md and photograph it into docs/'
	@echo 'make bench          measure what people wait for, against the goals'
	@echo 'make bench-engine   measure the engine against rembg; DIR=folder of photos, DEVICE=cuda, QUICK=1'
	@echo 'make bench-quality  hold masks of DIR'"'"'s images against the true ones, beside rembg'"'"'s'
	@echo 'make bench-erasing  measure how long the sweeper takes for very much'
	@echo 'make fuzz           decode 50,000 broken photos in processes that may be killed; DIR= adds your files'
	@echo 'make fuzz-atheris   the same led by coverage, MINUTES=30'
	@echo 'make messages       read the sentences of the sources into the catalogs of other languages, and compile them'
	@echo 'make check          only the quick checks: format, lint, types, imports'
	@echo 'make format         format Python, JavaScript and CSS'
	@echo 'make requirements   pin the dependencies of pyproject.toml anew'

# `make run PORT=9000` is short for BGERASE_PORT=9000 make run.
ifdef PORT
run: export BGERASE_PORT := $(PORT)
endif
run: install
	@exec .venv/bin/python manage.py up

install:
	@.ci/venv run

install-dev:
	@.ci/system-packages
	@.ci/venv dev
	@.ci/node-tools

test: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@exec .venv/bin/python .ci/checks.py everything

check: install-dev
	@exec .venv/bin/python .ci/checks.py quick

prove: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@exec .venv/bin/python .ci/checks.py prove

# Of a part: `make mutate SHARE=10 SEED=2 ONLY=processing.retention.erase`
mutate: install-dev
	@exec .venv/bin/python -m tests.mutation $(if $(SHARE),--share $(SHARE)) $(if $(SEED),--seed $(SEED)) $(ONLY)

# `make screenshots ONLY="gallery receipt"`: the states whose names hold one of these words.
screenshots: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@exec .venv/bin/python -m tests.look.screenshots $(ONLY)

pictures: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@exec .venv/bin/python -m tests.look.tour

bench: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@.venv/bin/python -m tests.bench.first_light

bench-engine: install-dev
	@.venv/bin/python manage.py models fetch u2netp
	@.venv/bin/python -m tests.bench.engine $(if $(DIR),--dir "$(DIR)") $(if $(DEVICE),--device $(DEVICE)) $(if $(QUICK),--quick)

# `make bench-quality DIR=folder MODEL=u2net MOST=20`
bench-quality: install-dev
	@.venv/bin/python manage.py models fetch $(or $(MODEL),u2netp)
	@.venv/bin/python -m tests.bench.quality "$(DIR)" $(if $(MODEL),--model $(MODEL)) $(if $(MOST),--most $(MOST))

bench-erasing: install-dev
	@.venv/bin/python -m tests.bench.erasing

# `make fuzz SEED=2 COUNT=1000 DIR=folder`; `make fuzz SEED=2 CASE=17` sees one failure again.
fuzz: install-dev
	@exec .venv/bin/python -m tests.fuzz $(if $(COUNT),--count $(COUNT)) $(if $(SEED),--seed $(SEED)) \
	    $(if $(CASE),--case $(CASE)) $(if $(DIR),--dir "$(DIR)")

FUZZ_GROUP := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["fuzz"])

fuzz-atheris: install-dev
	@.venv/bin/python -m pip install --quiet $$(.venv/bin/python -c '$(FUZZ_GROUP)')
	@exec .venv/bin/python -m tests.fuzz.coverage $(or $(MINUTES),30) $(if $(DIR),"$(DIR)")

format: install-dev
	@.venv/bin/ruff check --fix-only --quiet .
	@.venv/bin/ruff format .
	@node_modules/.bin/prettier --log-level warn --write static/js static/css tests/js

messages: install-dev
	@.venv/bin/python -m tests.catalogs

PIN := .venv/bin/uv pip compile --quiet --generate-hashes --no-header --python-version 3.11

requirements: install-dev
	@$(PIN) requirements/bootstrap.in --output-file requirements/bootstrap.txt
	@$(PIN) pyproject.toml --output-file requirements/run.txt
	@$(PIN) pyproject.toml --group dev --constraint requirements/run.txt --override requirements/overrides.in --output-file requirements/dev.txt
