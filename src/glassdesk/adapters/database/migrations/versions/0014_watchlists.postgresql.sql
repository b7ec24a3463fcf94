CREATE TABLE watchlists (
	name TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_watchlists PRIMARY KEY (name)
)
;
INSERT INTO changes (topic, version) VALUES ('watchlist', 0)
;
