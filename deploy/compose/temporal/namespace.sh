#!/bin/sh
# The namespace, and how long the history of what ended is kept. Our workers add the search attributes.
set -eu
temporal operator namespace describe -n default >/dev/null 2>&1 \
  || temporal operator namespace create -n default --retention 720h
temporal operator namespace update -n default --retention 720h
