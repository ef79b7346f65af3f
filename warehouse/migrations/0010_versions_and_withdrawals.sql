-- Which version took a document's place, what its source has withdrawn, and by which rule its passages were cut.
ALTER TABLE documents ADD COLUMN superseded_by VARCHAR;
ALTER TABLE documents ADD COLUMN passages_version VARCHAR;
ALTER TABLE origins ADD COLUMN withdrawn_at TIMESTAMP;
ALTER TABLE origins ADD COLUMN withdrawn_because VARCHAR;
ALTER TABLE reports ADD COLUMN is_withdrawn BOOLEAN DEFAULT false;
ALTER TABLE reports ALTER COLUMN is_withdrawn SET NOT NULL;

-- Passages of documents that were read again had stayed as they were cut first: all are cut anew.
DELETE FROM passages;
UPDATE documents SET superseded_by = current.document_id
FROM documents AS current
WHERE current.report_id = documents.report_id AND current.is_current AND NOT documents.is_current;
