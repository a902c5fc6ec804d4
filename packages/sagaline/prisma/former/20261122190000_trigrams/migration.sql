-- Search finds misspelt names by their trigrams. A trusted extension: whoever may create in this database may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
