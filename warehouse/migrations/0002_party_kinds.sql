-- The kind of a party; reports that were read before have none until they are read again.
ALTER TABLE parties ADD COLUMN kind VARCHAR;
