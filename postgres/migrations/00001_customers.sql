-- +goose Up
-- Trusted: the owner of a database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- The extension may live in a schema that this session does not look into.
SELECT set_config('search_path', (SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_trgm') || ', ' || current_setting('search_path'), true);

-- The columns that a walk tests stand first: reaching a column costs as much as passing all before it.
CREATE TABLE public.customers (
  id          uuid NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  archived_at timestamptz NOT NULL, -- year 1 while active: there are no nulls
  version     bigint NOT NULL,
  key_version smallint NOT NULL,
  tenant      text COLLATE "C" NOT NULL DEFAULT '',
  status      text COLLATE "C" NOT NULL CHECK (status IN ('active', 'archived')),

  -- What search compares, made in Go: Postgres only compares bytes.
  words       text COLLATE "C" NOT NULL,
  name_key    text COLLATE "C" NOT NULL,
  email_key   text COLLATE "C" NOT NULL,
  domain_key  text COLLATE "C" NOT NULL,
  company_key text COLLATE "C" NOT NULL,
  phone_key   text COLLATE "C" NOT NULL,
  city_key    text COLLATE "C" NOT NULL,
  region_key  text COLLATE "C" NOT NULL,
  postal_key  text COLLATE "C" NOT NULL,
  country_key text COLLATE "C" NOT NULL,
  tags        text[] COLLATE "C" NOT NULL,
  metadata    jsonb NOT NULL,

  external_id text COLLATE "C" NOT NULL,
  name        text COLLATE "C" NOT NULL,
  email       text COLLATE "C" NOT NULL,
  phone       text COLLATE "C" NOT NULL,
  company     text COLLATE "C" NOT NULL,
  notes       text COLLATE "C" NOT NULL,
  line1       text COLLATE "C" NOT NULL,
  line2       text COLLATE "C" NOT NULL,
  city        text COLLATE "C" NOT NULL,
  region      text COLLATE "C" NOT NULL,
  postal_code text COLLATE "C" NOT NULL,
  country     text COLLATE "C" NOT NULL,

  -- Idempotency: hashes of the key and of the draft it came with.
  key_hash    text COLLATE "C" NOT NULL,
  draft_hash  text COLLATE "C" NOT NULL,

  CONSTRAINT customers_pkey PRIMARY KEY (tenant, id)
) WITH (fillfactor = 85); -- room on the page keeps updates of unindexed columns out of the indexes (HOT)

-- The tenant leads every unique key and every btree, so that the table can be sharded by it. No index on updated_at or status alone:
-- either would end HOT updates.
CREATE UNIQUE INDEX customers_email ON public.customers (tenant, email_key) WHERE status = 'active' AND email_key <> '';
CREATE UNIQUE INDEX customers_external_id ON public.customers (tenant, external_id) WHERE external_id <> '';
CREATE UNIQUE INDEX customers_key ON public.customers (tenant, key_hash) WHERE key_hash <> '';
CREATE INDEX customers_created ON public.customers (tenant, created_at, id);
CREATE INDEX customers_by_name ON public.customers (tenant, name_key, id);
CREATE INDEX customers_by_email ON public.customers (tenant, email_key, id);
CREATE INDEX customers_by_company ON public.customers (tenant, company_key, id);
CREATE INDEX customers_domain ON public.customers (tenant, domain_key);
CREATE INDEX customers_words ON public.customers USING gin (words gin_trgm_ops);
CREATE INDEX customers_tags ON public.customers USING gin (tags);
CREATE INDEX customers_metadata ON public.customers USING gin (metadata jsonb_path_ops);
-- Empty but while keys of an older version wait to be rewritten.
CREATE INDEX customers_old_keys ON public.customers (tenant, id) WHERE key_version < 1;

-- What is there and the oldest program that can run on it; each migration updates the row.
CREATE TABLE public.customers_schema (
  version int NOT NULL,
  oldest  int NOT NULL
);
INSERT INTO public.customers_schema (version, oldest) VALUES (1, 1);

-- +goose Down
DROP TABLE public.customers_schema;
DROP TABLE public.customers;
