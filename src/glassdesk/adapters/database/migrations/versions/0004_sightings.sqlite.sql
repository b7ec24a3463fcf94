CREATE TABLE sightings (
	"order" TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	CONSTRAINT pk_sightings PRIMARY KEY ("order"), 
	CONSTRAINT fk_sightings_order FOREIGN KEY("order") REFERENCES orders ("order")
)
;
