ALTER TABLE subjects DROP CONSTRAINT fk_subjects_run
;
ALTER TABLE subjects ADD CONSTRAINT fk_subjects_run FOREIGN KEY(run) REFERENCES runs (run)
;
