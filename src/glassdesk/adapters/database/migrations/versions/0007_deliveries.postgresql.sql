DROP INDEX ix_notifications_created_at
;
DROP INDEX ix_notifications_sent_at
;
ALTER TABLE notifications RENAME TO old_notifications
;
ALTER TABLE old_notifications DROP CONSTRAINT pk_notifications
;
CREATE TABLE notifications (
	key TEXT COLLATE "C" NOT NULL, 
	severity TEXT COLLATE "C" NOT NULL, 
	title TEXT COLLATE "C" NOT NULL, 
	body TEXT COLLATE "C" NOT NULL, 
	ref TEXT COLLATE "C" NOT NULL, 
	created_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	kind TEXT COLLATE "C" NOT NULL, 
	strategy TEXT COLLATE "C" NOT NULL, 
	told_at TIMESTAMP WITH TIME ZONE, 
	told_with TEXT COLLATE "C" NOT NULL, 
	sent_at TIMESTAMP WITH TIME ZONE, 
	attempts INTEGER NOT NULL, 
	acknowledged_at TIMESTAMP WITH TIME ZONE, 
	CONSTRAINT pk_notifications PRIMARY KEY (key)
)
;
INSERT INTO notifications ("key", severity, title, body, ref, created_at, kind, strategy, told_at, told_with, sent_at, attempts, acknowledged_at)
SELECT "key", severity, title, body, ref, created_at, '', '', sent_at, CASE WHEN sent_at IS NULL THEN '' ELSE "key" END, sent_at, attempts, acknowledged_at FROM old_notifications
;
DROP TABLE old_notifications
;
CREATE INDEX ix_notifications_acknowledged_at ON notifications (acknowledged_at, severity)
;
CREATE INDEX ix_notifications_created_at ON notifications (created_at)
;
CREATE INDEX ix_notifications_sent_at ON notifications (sent_at, created_at)
;
CREATE INDEX ix_notifications_told_at ON notifications (told_at)
;
CREATE INDEX ix_notifications_told_with ON notifications (told_with)
;
CREATE TABLE deliveries (
	key TEXT COLLATE "C" NOT NULL, 
	channel TEXT COLLATE "C" NOT NULL, 
	attempts INTEGER NOT NULL, 
	tried_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	next_at TIMESTAMP WITH TIME ZONE NOT NULL, 
	delivered_at TIMESTAMP WITH TIME ZONE, 
	gave_up_at TIMESTAMP WITH TIME ZONE, 
	problem TEXT COLLATE "C" NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (key, channel), 
	CONSTRAINT fk_deliveries_key FOREIGN KEY(key) REFERENCES notifications (key)
)
;
CREATE INDEX ix_deliveries_channel ON deliveries (channel, tried_at)
;
