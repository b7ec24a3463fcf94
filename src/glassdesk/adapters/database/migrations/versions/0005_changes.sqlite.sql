CREATE TABLE changes (
	topic TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	CONSTRAINT pk_changes PRIMARY KEY (topic)
)
;
INSERT INTO changes (topic, version) VALUES ('access', 0)
;
INSERT INTO changes (topic, version) VALUES ('approval', 0)
;
INSERT INTO changes (topic, version) VALUES ('audit', 0)
;
INSERT INTO changes (topic, version) VALUES ('command', 0)
;
INSERT INTO changes (topic, version) VALUES ('execution', 0)
;
INSERT INTO changes (topic, version) VALUES ('halt', 0)
;
INSERT INTO changes (topic, version) VALUES ('notification', 0)
;
INSERT INTO changes (topic, version) VALUES ('order', 0)
;
INSERT INTO changes (topic, version) VALUES ('portfolio', 0)
;
INSERT INTO changes (topic, version) VALUES ('position', 0)
;
INSERT INTO changes (topic, version) VALUES ('probe', 0)
;
INSERT INTO changes (topic, version) VALUES ('prompt', 0)
;
INSERT INTO changes (topic, version) VALUES ('risk', 0)
;
INSERT INTO changes (topic, version) VALUES ('run', 0)
;
INSERT INTO changes (topic, version) VALUES ('session', 0)
;
INSERT INTO changes (topic, version) VALUES ('signal', 0)
;
INSERT INTO changes (topic, version) VALUES ('slot', 0)
;
INSERT INTO changes (topic, version) VALUES ('strategy', 0)
;
