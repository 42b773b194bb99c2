-- attack: runs for ever without a loop statement or a call
-- exit: 10
-- says: --time-limit
-- limits: --time-limit 300ms
::again:: goto again
