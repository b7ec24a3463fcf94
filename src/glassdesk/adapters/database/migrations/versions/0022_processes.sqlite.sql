CREATE TABLE processes (
	process TEXT NOT NULL, 
	role TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	version TEXT NOT NULL, 
	code TEXT NOT NULL, 
	schema TEXT NOT NULL, 
	threads INTEGER NOT NULL, 
	queue TEXT NOT NULL, 
	queue_problem TEXT NOT NULL, 
	started_at TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	turned_at TEXT, 
	ended_at TEXT, 
	CONSTRAINT pk_processes PRIMARY KEY (process)
)
;
INSERT INTO changes (topic, version) VALUES ('process', 0)
;
