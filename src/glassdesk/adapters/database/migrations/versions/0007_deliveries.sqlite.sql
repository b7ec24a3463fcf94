DROP INDEX ix_notifications_created_at
;
DROP INDEX ix_notifications_sent_at
;
ALTER TABLE notifications RENAME TO old_notifications
;
CREATE TABLE notifications (
	"key" TEXT NOT NULL, 
	severity TEXT NOT NULL, 
	title TEXT NOT NULL, 
	body TEXT NOT NULL, 
	ref TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	strategy TEXT NOT NULL, 
	told_at TEXT, 
	told_with TEXT NOT NULL, 
	sent_at TEXT, 
	attempts INTEGER NOT NULL, 
	acknowledged_at TEXT, 
	CONSTRAINT pk_notifications PRIMARY KEY ("key")
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
	"key" TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	tried_at TEXT NOT NULL, 
	next_at TEXT NOT NULL, 
	delivered_at TEXT, 
	gave_up_at TEXT, 
	problem TEXT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY ("key", channel), 
	CONSTRAINT fk_deliveries_key FOREIGN KEY("key") REFERENCES notifications ("key")
)
;
CREATE INDEX ix_deliveries_channel ON deliveries (channel, tried_at)
;
