-- When the rows of a feed left the merged table because its dataset is hidden; NULL: they did not.
ALTER TABLE territoire.feed ADD COLUMN hidden_at timestamptz;
