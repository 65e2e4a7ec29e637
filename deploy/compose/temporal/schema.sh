#!/bin/sh
# Brings Temporal's databases to the release of this image; again changes nothing.
set -eu
versions=/etc/temporal/schema/postgresql/v12
tool() { temporal-sql-tool --plugin postgres12 --ep postgres --port 5432 --user temporal --db "$@"; }
tool temporal setup-schema -v 0.0
tool temporal update-schema -d "$versions/temporal/versioned"
tool temporal_visibility setup-schema -v 0.0
tool temporal_visibility update-schema -d "$versions/visibility/versioned"
