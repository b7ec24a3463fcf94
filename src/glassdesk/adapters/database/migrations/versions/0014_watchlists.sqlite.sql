CREATE TABLE watchlists (
	name TEXT NOT NULL, 
	body TEXT NOT NULL, 
	CONSTRAINT pk_watchlists PRIMARY KEY (name)
)
;
INSERT INTO changes (topic, version) VALUES ('watchlist', 0)
;
