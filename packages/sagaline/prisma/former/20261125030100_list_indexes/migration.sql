-- Lists of one saga name, and of one topic's dead letters, newest first: without these they walk the whole table whenever few
-- of its rows fit.
CREATE INDEX "sagas_name_created_at_workflow_id_idx" ON "sagas"("name", "created_at" DESC, "workflow_id" DESC);
CREATE INDEX "dead_letters_topic_id_idx" ON "dead_letters"("topic", "id" DESC);
CREATE INDEX "dead_letters_reason_id_idx" ON "dead_letters"("reason", "id" DESC);
