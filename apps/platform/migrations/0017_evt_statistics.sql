-- How common each category is. The planner takes no statistics from an index on a place in an array,
-- and without any reads all events of a category rather than the first of them by the index.
CREATE STATISTICS evt.events_category_1 ON (categories[1]) FROM evt.events;
CREATE STATISTICS evt.events_category_2 ON (categories[2]) FROM evt.events;
CREATE STATISTICS evt.events_category_3 ON (categories[3]) FROM evt.events;
