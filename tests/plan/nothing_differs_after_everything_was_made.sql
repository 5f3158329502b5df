select prelude.shop();
