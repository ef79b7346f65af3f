-- The first tables. What each table and column means is described in warehouse/tables.py, once.
-- There are no foreign keys here: DuckDB checks them per row, not per transaction, and a report and its current
-- document refer to each other. The published SQLite file has them all, and they are checked there.

CREATE TABLE statements (
    statement_id VARCHAR NOT NULL,
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
    deadline_text VARCHAR,
    deadline_date DATE,
    published_year INTEGER,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    boxes JSON NOT NULL,
    document_id VARCHAR NOT NULL,
    section_id VARCHAR,
    position INTEGER NOT NULL,
    text_hash VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (statement_id)
);

CREATE TABLE reports (
    report_id VARCHAR NOT NULL,
    title VARCHAR,
    subtitle VARCHAR,
    publisher VARCHAR,
    printed_publisher VARCHAR,
    published_date VARCHAR,
    published_year INTEGER,
    report_number VARCHAR,
    kind VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    licence VARCHAR,
    origin VARCHAR,
    origin_id VARCHAR,
    document_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (report_id)
);

CREATE TABLE documents (
    document_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    is_current BOOLEAN NOT NULL,
    media_type VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    page_count INTEGER NOT NULL,
    character_count INTEGER NOT NULL,
    is_scanned BOOLEAN NOT NULL,
    properties JSON NOT NULL,
    bookmarks JSON NOT NULL,
    text VARCHAR NOT NULL,
    extraction_version VARCHAR NOT NULL,
    extraction_hash VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (document_id)
);

CREATE TABLE origins (
    origin_id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    url VARCHAR,
    file_name VARCHAR,
    source VARCHAR,
    publisher VARCHAR,
    licence VARCHAR,
    document_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL,
    document_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (origin_id)
);

CREATE TABLE sections (
    section_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    title VARCHAR NOT NULL,
    number VARCHAR,
    level INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    path JSON NOT NULL,
    page INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    PRIMARY KEY (section_id)
);

CREATE TABLE mentions (
    statement_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    page INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    PRIMARY KEY (statement_id, position)
);

CREATE TABLE parties (
    party_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (party_id)
);

CREATE TABLE addressees (
    statement_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    text VARCHAR NOT NULL,
    party_id VARCHAR,
    PRIMARY KEY (statement_id, position)
);

CREATE TABLE cases (
    report_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    PRIMARY KEY (report_id, position)
);

CREATE TABLE responses (
    response_id VARCHAR NOT NULL,
    report_id VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    answers VARCHAR NOT NULL,
    statement_id VARCHAR,
    stance VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    page INTEGER NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    PRIMARY KEY (response_id)
);

CREATE TABLE links (
    recommendation_id VARCHAR NOT NULL,
    based_on_id VARCHAR NOT NULL,
    evidence VARCHAR NOT NULL,
    PRIMARY KEY (recommendation_id, based_on_id)
);

CREATE TABLE pages (
    document_id VARCHAR NOT NULL,
    page INTEGER NOT NULL,
    width DOUBLE NOT NULL,
    height DOUBLE NOT NULL,
    is_scanned BOOLEAN NOT NULL,
    start_offset INTEGER NOT NULL,
    end_offset INTEGER NOT NULL,
    PRIMARY KEY (document_id, page)
);

CREATE TABLE embeddings (
    text_hash VARCHAR NOT NULL,
    model_id VARCHAR NOT NULL,
    dimension INTEGER NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (text_hash, model_id)
);

CREATE TABLE problems (
    address VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    message VARCHAR NOT NULL,
    what_to_do VARCHAR NOT NULL,
    document_id VARCHAR,
    first_seen_at TIMESTAMP NOT NULL,
    last_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (address, stage)
);

CREATE TABLE builds (
    build_id INTEGER NOT NULL,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP,
    outcome VARCHAR NOT NULL,
    document_count INTEGER,
    new_document_count INTEGER,
    problem_count INTEGER,
    note VARCHAR,
    PRIMARY KEY (build_id)
);
