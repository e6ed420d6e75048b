# Everything a newcomer needs; `make` alone says what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help run test check docs path demo bench faults fuzz pictures soak measure stop clean lock

# A stack is a dozen processes and a test run starts many: each would compile all sources anew, a quarter of its start.
unexport PYTHONDONTWRITEBYTECODE
# Relative on purpose: the checkout may lie in a path with spaces.
python := .venv/bin/python
xietong := $(python) -m deploy

help: ## 显示本说明 / say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

run: .venv/complete ## 启动全部服务并演示,直到 Ctrl-C / start everything, play the demo, stay until Ctrl-C
	@exec $(xietong) up --foreground --demo

test: .venv/complete ## 全部测试(only=parks 只测该服务) / all tests, or those of one service: only=parks
	@sh deploy/local/system-packages.sh kcat chromium
	@$(python) -m pytest $(if $(only),tests/$(only))

soak: .venv/complete ## 竞态、随机历史与随机请求的全量测试(seed=重现) / races, random histories and requests at full size, seed= repeats
	@sh deploy/local/system-packages.sh kcat chromium
	@SOAK=$(or $(seed),$(shell date +%s)) $(python) -m pytest -m soak -o timeout=3600

measure: .venv/complete ## 全部测试,并记录各文件用时 / all tests, and how long each file takes, for the order of the next run
	@$(python) -m pytest --measure

check: .venv/complete ## 格式、规范、类型、分层、生成文件 / format, lint, types, import contracts, generated files
	@$(python) -m ruff format --check .
	@$(python) -m ruff check .
	@$(python) -m mypy --strict services shared events deploy
	@$(python) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	@$(xietong) docs --check

docs: .venv/complete ## 生成事件结构与文档 / generate event schemas and docs/generated
	@$(xietong) docs

path: .venv/complete ## 生成一次写入所经路径的文档 / write docs/generated/path.md, the path of one write
	@PATH_PAGE=write $(python) -m pytest -q -n 0 tests/journeys/test_path.py

demo: .venv/complete ## 播放演示(需要时先启动) / play the scenario, starting what is needed
	@$(xietong) up
	@$(xietong) demo

bench: .venv/complete ## 与裸底座比较的性能测试(only=path 只测一项) / benchmarks beside a raw floor, or one part: only=path
	@$(python) -m benchmarks $(only)

faults: .venv/complete ## 负载下的停杀矩阵(约半小时) / kills and stops under load, about half an hour
	@$(python) -m tests.faults $(blows)

fuzz: .venv/complete ## 对全部解析器输入随机内容(seconds=每个的秒数) / random inputs for every parser, for so many seconds each
	@$(python) -m pip install --quiet atheris
	@$(python) -m tests.fuzz $(or $(seconds),60) $(targets)

pictures: .venv/complete ## 为运行中的演示拍下各页面,写入 docs/images / pictures of all pages of the running demonstration, into docs/images
	@$(python) -m tests.pictures

stop: ## 停止全部服务 / stop everything
	@if [ -x $(python) ]; then $(xietong) down; fi

clean: stop ## 停止并删除 .xietong 与 .venv / stop, then remove .xietong and .venv
	@if [ -x $(python) ]; then $(python) -m deploy.local.clean; fi
	@rm -rf .xietong .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

lock: .venv/complete ## 更新 requirements.lock(需联网) / renew requirements.lock (needs the network)
	@$(python) -m pip install --quiet uv
	@echo 'setuptools>=80' | .venv/bin/uv pip compile pyproject.toml - --all-extras --universal --upgrade \
		--python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--no-emit-find-links --quiet -o requirements.lock

.venv/complete: requirements.lock pyproject.toml
	@sh deploy/local/venv.sh
