-- Passages of the reports' text, for search; what was read before gets them at the next embedding.
CREATE TABLE passages (
    passage_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    page INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    text_hash VARCHAR NOT NULL,
    PRIMARY KEY (passage_id)
);
