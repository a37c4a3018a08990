"""Dumps are read in blocks; where a block ends must not matter, whatever is quoted there."""

from __future__ import annotations

import io

from ansible_collections.lastgood.recovery.plugins.module_utils.postgres.sql_text import contents, unquoted
from hypothesis import given
from hypothesis import strategies as st

DUMP = rb'''--
-- PostgreSQL database dump
--

\restrict key

-- Dumped from database version 15.18 (Debian 15.18-1)
-- Dumped by pg_dump version 15.18

SET lock_timeout = 0;
CREATE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $body$ BEGIN RETURN '; \! $$ '; -- COPY x FROM stdin;
END $body$;
ALTER FUNCTION public.f() OWNER TO "Shop Owner";
/* a comment; /* in a comment */ \! */
COMMENT ON FUNCTION public.f() IS E'it''s \\ \' ;';
CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;
CREATE TABLE public."Order ""Items""" (id integer, "odd;name" text DEFAULT 'a;b');
COPY public."Order ""Items""" (id, "odd;name") FROM stdin;
1	it's
2	\\N; $$ "
3	\N
\.

COPY public.empty (id) FROM stdin;
\.

GRANT SELECT ON TABLE public.users TO reader;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

--
-- PostgreSQL database dump complete
--

\unrestrict key
'''


@given(st.integers(1, 2000), st.integers(0, 3000))
def test_where_blocks_end_does_not_matter(block: int, padding: int) -> None:
    found = contents(io.BytesIO(b"-- " + b"x" * padding + b"\n" + DUMP).read, block)
    assert found.problems == []
    assert found.complete
    assert found.rows == {'public.Order "Items"': 3, "public.empty": 0}
    assert found.roles == {"Shop Owner", "reader"}
    assert found.extensions == {"citext"}
    assert (found.dumped_from, found.dumped_by) == (15, 15)


@given(st.integers(0, len(DUMP) - 60), st.integers(1, 3000))
def test_one_that_is_cut_off_is_never_whole(length: int, block: int) -> None:
    found = contents(io.BytesIO(DUMP[:length]).read, block)
    assert found.problems or not found.complete


COMMANDS = [rb"\! true", rb"SELECT 1 \gexec", rb"\copy x from y", rb"\connect other", rb"SELECT 'a' \g |sh"]


@given(st.sampled_from(COMMANDS), st.integers(1, 3000))
def test_psql_commands_are_seen_wherever_they_are(command: bytes, block: int) -> None:
    at = DUMP.index(b"SET lock_timeout")
    assert contents(io.BytesIO(DUMP[:at] + command + b"\n" + DUMP[at:]).read, block).problems


def test_names_as_the_catalogue_has_them() -> None:
    assert [unquoted(name) for name in ("public.users", 'public."Order Items"', '"a.b"."c""d"')] == [
        "public.users",
        "public.Order Items",
        'a.b.c"d',
    ]
