select pg_catalog.format('create database %I', $1::text)
