-- How far each figure can be trusted, as measured; and the candidates that a person may look at.
CREATE TABLE quality (
    quality_id VARCHAR NOT NULL,
    area VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    low DOUBLE,
    high DOUBLE,
    case_count INTEGER NOT NULL,
    document_count INTEGER NOT NULL,
    meaning VARCHAR NOT NULL,
    measured_on VARCHAR NOT NULL,
    measured_on_hash VARCHAR NOT NULL,
    method VARCHAR NOT NULL,
    version VARCHAR NOT NULL,
    measured_at TIMESTAMP NOT NULL,
    origin VARCHAR NOT NULL,
    PRIMARY KEY (quality_id)
);

CREATE TABLE review (
    review_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    label VARCHAR,
    page INTEGER NOT NULL,
    section VARCHAR,
    section_role VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    confidence DOUBLE NOT NULL,
    rule VARCHAR NOT NULL,
    why VARCHAR NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    boxes JSON NOT NULL,
    document_id VARCHAR NOT NULL,
    section_id VARCHAR,
    position INTEGER NOT NULL,
    PRIMARY KEY (review_id)
);
