CREATE TABLE agenda (
	strategy TEXT NOT NULL, 
	due TEXT, 
	CONSTRAINT pk_agenda PRIMARY KEY (strategy)
)
;
CREATE INDEX ix_agenda_due ON agenda (due, strategy)
;
CREATE TABLE resumed_schedules (
	strategy TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_resumed_schedules PRIMARY KEY (strategy)
)
;
CREATE TABLE ticks (
	name TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_ticks PRIMARY KEY (name)
)
;
CREATE INDEX ix_runs_ended ON runs (ended_at)
;
ALTER TABLE paused_schedules ADD COLUMN actor TEXT DEFAULT 'owner' NOT NULL
;
ALTER TABLE paused_schedules ADD COLUMN reason TEXT DEFAULT '' NOT NULL
;
ALTER TABLE paused_schedules ADD COLUMN at TEXT
;
INSERT INTO agenda (strategy, due) SELECT name, changed_at FROM strategies WHERE state IN ('enabled', 'closing')
;
