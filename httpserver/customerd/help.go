package main

const help = `customerd serves customer records as JSON over HTTP.

Usage:
  customerd [serve] [flags]   serve until SIGINT or SIGTERM, or SIGHUP without a tokens
                              file
  customerd import FILE...    bring customers from CSV or NDJSON into a database or server
  customerd export [FILTER]   write customers as NDJSON or CSV
  customerd token new --name NAME --scopes read,write,erase [--tenant TENANT]
                              make a token: prints it, and the line for the tokens file
  customerd migrate up        bring the database to the schema of this program
  customerd migrate status    tell which schema the database has
  customerd migrate sql       print the SQL of every migration
  customerd version           print the version
  customerd help              print this
  customerd import --help     tell the flags of import; export --help those of export

Flags of serve, each with its environment variable:
  --listen ADDRESS       where to listen, CUSTOMER_LISTEN (default 127.0.0.1:8080)
  --tokens-file FILE     the tokens that clients must send, a line each as token new
                         prints it, CUSTOMER_TOKENS_FILE; read again on SIGHUP. Without
                         tokens customerd listens on this machine only
  --tokens LINES         the same, with semicolons between the lines, CUSTOMER_TOKENS
  --insecure-no-auth     listen on any address and answer to any Host, although nobody
                         is asked who they are, CUSTOMER_INSECURE_NO_AUTH
  --database-url URL     PostgreSQL, as in postgres://user:password@host:5432/database,
                         DATABASE_URL; behind a pooler in transaction mode add
                         ?default_query_exec_mode=cache_describe. Without a database
                         customers are kept in memory and are gone when customerd stops
  --database-url-file FILE
                         the same from a file, CUSTOMER_DATABASE_URL_FILE
  --no-migrate           leave the schema of the database as it is, CUSTOMER_NO_MIGRATE
  --require-if-match     refuse changes without If-Match, CUSTOMER_REQUIRE_IF_MATCH
  --cors-origin ORIGIN   let pages of this origin in, as in https://app.example.com; many
                         are repeated or joined by commas, CUSTOMER_CORS_ORIGIN
  --trusted-proxy NET    believe X-Forwarded-Host and -Proto from this address or
                         network; many as above, CUSTOMER_TRUSTED_PROXY
  --admin-listen ADDRESS
                         serve /metrics, /livez, /readyz and /version there, and /metrics
                         only there, CUSTOMER_ADMIN_LISTEN
  --log-format FORMAT    text, json with durations in nanoseconds, or auto: text on a
                         terminal, CUSTOMER_LOG_FORMAT
  --log-level LEVEL      debug, info, warn or error, CUSTOMER_LOG_LEVEL (default info)

Try it:
  curl -s localhost:8080/v1/customers -H 'Content-Type: application/json' \
    -d '{"name":"Ada Lovelace","email":"ada@example.com"}'
  curl -sG localhost:8080/v1/customers --data-urlencode 'q=ada'
  curl -s localhost:8080/openapi.json
  open http://localhost:8080/docs in a browser
`

const placeHelp = `
Where, each with its environment variable; flags win:
  --database-url URL     PostgreSQL, as in postgres://user:password@host:5432/database,
                         DATABASE_URL
  --database-url-file FILE
                         the same from a file, CUSTOMER_DATABASE_URL_FILE
  --tenant TENANT        whose customers in the database, CUSTOMER_TENANT
  --server URL           a running customerd, as in https://customers.example.com,
                         CUSTOMER_SERVER
  --token TOKEN          what the server asks for, CUSTOMER_TOKEN: import needs the scopes
                         read and write, for a dry run too, and export read
  --token-file FILE      the same from a file, CUSTOMER_TOKEN_FILE
`

const importHelp = `customerd import brings customers from files into a database or a server.

Usage:
  customerd import FILE... [flags]

FILE is CSV with a header, or NDJSON, one object a line; - is standard input. Columns are
known by their usual names, in any case: name or first name and last name, email, phone,
company, notes, address, city, state, zip, country, tags, customer id; and by those in
German, French, Spanish, Portuguese, Italian, Dutch, Polish, Swedish, Danish and
Norwegian. Other columns are kept as metadata, and those of each file are told then, as
validate does for all. One bad row takes no other with it.
` + placeHelp + `  --no-migrate           leave the schema of the database as it is, CUSTOMER_NO_MIGRATE

How:
  --mode MODE            commit, or validate: write nothing and tell what commit would do,
                         CUSTOMER_MODE (default commit). With neither database nor server,
                         validate checks the files by themselves
  --match KEY            how a row knows its customer: email or external_id,
                         CUSTOMER_MATCH
  --on-conflict POLICY   what becomes of a row whose customer is there: refuse, skip or
                         update, which needs --match; CUSTOMER_ON_CONFLICT (default
                         refuse)
  --map COLUMN=FIELD     what a column is, as in --map 'Kundenname=name' or --map
                         Plan=metadata.plan; COLUMN=- leaves it out; repeat it for more,
                         in CUSTOMER_MAP one a line
  --unknown WHAT         metadata, or refuse: what becomes of a file with other columns,
                         CUSTOMER_UNKNOWN (default metadata)
  --raw                  leave cells with an apostrophe before a formula as they are, for
                         files of export --raw, CUSTOMER_RAW
  --rejects FILE         write the refused rows there, each with its reason, to be
                         corrected and imported, then with another FILE: none of the
                         files that are imported is replaced. Those of a second file with
                         some go beside it, as in FILE-2. Without refused rows FILE stays
                         as it is, CUSTOMER_REJECTS
  --quiet                no progress and nothing of columns, CUSTOMER_QUIET

Exit status: 0 all rows are in (created, updated, unchanged or skipped), 1 some were
refused, 2 it failed or was stopped, as by Ctrl-C or the end of its terminal. An import
that was stopped can be run again. If what reads its output goes, it goes on to its end.
Until then refused rows are in a hidden file .customerd-*.part beside FILE: if it is
killed at once, by kill -9 or Ctrl-C twice, that is left behind, personal data and all.

Try it:
  customerd import customers.csv --mode validate
  customerd import customers.csv --database-url postgres://localhost/crm --rejects bad.csv
  customerd import customers.csv --server http://localhost:8080 --match email \
    --on-conflict update
`

const exportHelp = `customerd export writes customers to standard output, the oldest first.

Usage:
  customerd export [FILTER] [flags]

FILTER is what the search box takes, as in: tag:vip country:NL -has:phone. Words that
begin with - come after --. Archived customers are in it too unless the filter is about
status.
` + placeHelp + `
How:
  --format FORMAT        ndjson, which loses nothing, or csv for spreadsheets,
                         CUSTOMER_FORMAT (default ndjson, or csv if the output is a file
                         .csv)
  --raw                  cells of CSV as they are; without it an apostrophe stands before
                         what a spreadsheet would run as a formula, CUSTOMER_RAW
  --bom                  begin CSV with a byte order mark, without which Excel shows
                         letters beyond ASCII wrong; import takes it, CUSTOMER_BOM
  -o, --output FILE      write to FILE, which is there only when it is complete; - is
                         standard output, CUSTOMER_OUTPUT
  --quiet                no progress, CUSTOMER_QUIET

The last line tells how many customers there are: a file without it was cut off. Exit
status: 0 all is written, 2 it failed or was stopped. If what reads its standard output
goes, it is ended by SIGPIPE, as other tools are: 141 in most shells. If it is killed at
once, by kill -9 or Ctrl-C twice, it leaves what it had written in a hidden file
.customerd-*.part beside FILE.

Try it:
  customerd export --server http://localhost:8080 -o customers.csv
  customerd export status:active --database-url postgres://localhost/crm > active.ndjson
`
