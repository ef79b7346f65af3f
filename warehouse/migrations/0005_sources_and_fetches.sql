-- Named sources, what they list, and every request that was made for them.
CREATE TABLE sources (
    source_id VARCHAR NOT NULL,
    publisher VARCHAR NOT NULL,
    licence VARCHAR,
    language VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    adapter VARCHAR NOT NULL,
    homepage VARCHAR,
    schedule VARCHAR,
    time_zone VARCHAR NOT NULL,
    expected_count INTEGER NOT NULL,
    verified VARCHAR,
    last_started_at TIMESTAMP,
    last_finished_at TIMESTAMP,
    last_success_at TIMESTAMP,
    last_outcome VARCHAR,
    last_message VARCHAR,
    listed_count INTEGER,
    new_count INTEGER,
    unchanged_count INTEGER,
    failed_count INTEGER,
    first_seen_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_id)
);

CREATE TABLE listings (
    source_id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    entry_url VARCHAR,
    title VARCHAR,
    published_date VARCHAR,
    stamp VARCHAR,
    is_listed BOOLEAN NOT NULL,
    first_listed_at TIMESTAMP NOT NULL,
    last_listed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (source_id, address)
);

CREATE TABLE fetches (
    fetch_id VARCHAR NOT NULL,
    source_id VARCHAR,
    purpose VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    final_url VARCHAR,
    fetched_at TIMESTAMP NOT NULL,
    duration_seconds DOUBLE NOT NULL,
    attempt_count INTEGER NOT NULL,
    status INTEGER,
    byte_count BIGINT NOT NULL,
    document_id VARCHAR,
    media_type VARCHAR,
    etag VARCHAR,
    last_modified VARCHAR,
    outcome VARCHAR NOT NULL,
    reason VARCHAR,
    message VARCHAR,
    PRIMARY KEY (fetch_id)
);
