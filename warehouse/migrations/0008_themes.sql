-- The themes, which statements have them, and which statements were compared with them.
CREATE TABLE themes (
    theme_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    collection VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    name_en VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    description_en VARCHAR NOT NULL,
    threshold DOUBLE NOT NULL,
    PRIMARY KEY (theme_id)
);

CREATE TABLE statement_themes (
    statement_id VARCHAR NOT NULL,
    theme_id VARCHAR NOT NULL,
    score DOUBLE NOT NULL,
    PRIMARY KEY (statement_id, theme_id)
);

CREATE TABLE themed (
    statement_id VARCHAR NOT NULL,
    themes_version VARCHAR NOT NULL,
    PRIMARY KEY (statement_id)
);
