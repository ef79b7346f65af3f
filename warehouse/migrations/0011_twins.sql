-- A scan and its text version are two reports of one publication: the scan names the text.
ALTER TABLE reports ADD COLUMN twin_of VARCHAR;
