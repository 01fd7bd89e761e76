#!/bin/bash
# Runs once, as the superuser, when PostgreSQL's data folder is empty: the owner of the database, and the database
# (docs/operating.md, "Two database logins"). The logins of web and worker are made by migrate.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v password="$OWNER_DATABASE_PASSWORD" --username postgres <<'SQL'
CREATE ROLE tenantpilot LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE tenantpilot OWNER tenantpilot;
REVOKE CONNECT, TEMPORARY ON DATABASE tenantpilot FROM PUBLIC;
SQL
