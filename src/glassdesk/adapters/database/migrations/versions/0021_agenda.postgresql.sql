CREATE TABLE agenda (
	strategy TEXT COLLATE "C" NOT NULL, 
	due TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_agenda PRIMARY KEY (strategy)
)
;
CREATE INDEX ix_agenda_due ON agenda (due, strategy)
;
CREATE TABLE resumed_schedules (
	strategy TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_resumed_schedules PRIMARY KEY (strategy)
)
;
CREATE TABLE ticks (
	name TEXT COLLATE "C" NOT NULL, 
	at TIMESTAMP WITH TIME ZONE NOT NULL, 
	CONSTRAINT pk_ticks PRIMARY KEY (name)
)
;
CREATE INDEX ix_runs_ended ON runs (ended_at)
;
ALTER TABLE paused_schedules ADD COLUMN actor TEXT COLLATE "C" DEFAULT 'owner' NOT NULL
;
ALTER TABLE paused_schedules ADD COLUMN reason TEXT COLLATE "C" DEFAULT '' NOT NULL
;
ALTER TABLE paused_schedules ADD COLUMN at TIMESTAMP WITH TIME ZONE
;
INSERT INTO agenda (strategy, due) SELECT name, changed_at FROM strategies WHERE state IN ('enabled', 'closing')
;
