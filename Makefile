# linnet: what a checkout can do. Each target installs what it lacks, says what it does, and costs nothing when repeated.
.DEFAULT_GOAL := build
.PHONY: build demo test lint format fuzz bench footprint install clean help

JOBS ?= $(shell nproc 2>/dev/null || echo 2)
export JOBS

build:          ## build everything into build/: the command, the libraries, Python, Lua
	@.ci/build

demo: build     ## a server and a client talk to each other; watch them
	@build/bin/linnet demo

test:           ## build and run every test
	@.ci/test

lint:           ## formatting, static analysis, types, layers
	@.ci/lint

format:         ## rewrite the sources the way lint wants them
	@.ci/format

fuzz:           ## fuzz the parsers, SECONDS each (default 60)
	@.ci/fuzz $(SECONDS)

bench:          ## measure speed and memory; BENCH="server --clients 100" measures a part
	@.ci/bench $(BENCH)

footprint:      ## weigh a client alone, for x86-64 and ARM
	@.ci/footprint

install: build  ## install the C library (PREFIX=/usr/local)
	@cmake --install build/release --prefix $(or $(PREFIX),/usr/local)

clean:          ## remove what was built; what was installed stays
	rm -rf build

help:           ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | expand -t 10
