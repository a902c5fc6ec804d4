-- What kind of thing is paid for; `order_id` is its id, whatever it is. Payments were orders' until now.
ALTER TABLE "payments" ADD COLUMN "subject_kind" TEXT NOT NULL DEFAULT 'order';
