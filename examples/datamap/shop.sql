CREATE TABLE riders (id INTEGER PRIMARY KEY, rider_no TEXT NOT NULL, phone TEXT, note TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, rider_no TEXT, street TEXT);
CREATE TABLE wages (id INTEGER PRIMARY KEY, rider_no TEXT, amount INTEGER);
INSERT INTO riders VALUES (1, 'p-1', '13800000000', 'prefers mornings'), (2, 'p-2', '13900000000', NULL);
INSERT INTO orders VALUES (10, 'p-1', '人民路 1 号'), (11, 'p-2', '中山路 2 号');
INSERT INTO wages VALUES (1, 'p-1', 520000);
