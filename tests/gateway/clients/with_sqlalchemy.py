"""What an object-relational mapper does with a database: $1 host, $2 port, $3 the authority's certificate."""

import os
import sys

from sqlalchemy import URL, ForeignKey, create_engine, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload

host, port, root = sys.argv[1:]
to = URL.create("postgresql+psycopg", "ann", os.environ["PGPASSWORD"], host, int(port), "shop")
more = dict(hostaddr="127.0.0.1", sslmode="verify-full", sslrootcert=root, channel_binding="require", application_name="a shop")
# a pool that asks before it lends, as most programs set it
engine = create_engine(to, connect_args=more, pool_size=2, max_overflow=1, pool_pre_ping=True)


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customer"
    __table_args__ = {"prefixes": ["temporary"]}
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    orders: Mapped[list["Order"]] = relationship(back_populates="customer", order_by="Order.id")


class Order(Base):
    __tablename__ = "order"
    __table_args__ = {"prefixes": ["temporary"]}
    id: Mapped[int] = mapped_column(primary_key=True)
    cents: Mapped[int]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


# temporary tables are one connection's
with engine.connect() as line:
    Base.metadata.create_all(line)
    line.commit()
    seen = inspect(line)
    assert set(seen.get_temp_table_names()) == {"customer", "order"}, seen.get_temp_table_names()
    with Session(line) as session:
        session.add_all(Customer(name=f"Zoë {n}", orders=[Order(cents=n * 100 + m) for m in range(3)]) for n in range(200))
        session.commit()
        try:
            with session.begin_nested():
                session.add(Customer(name="Zoë 7"))
        except IntegrityError:
            pass
        one = session.scalars(select(Customer).where(Customer.name == "Zoë 7").options(selectinload(Customer.orders))).one()
        assert [order.cents for order in one.orders] == [700, 701, 702]
        one.orders[0].cents = 1
        session.delete(one.orders[2])
        session.commit()
        assert session.scalar(select(func.count()).select_from(Order)) == 599
        # a cursor that the server keeps
        many = session.execute(select(Order.cents).order_by(Order.id).execution_options(yield_per=50))
        assert sum(row.cents for row in many) == sum(n * 100 + m for n in range(200) for m in range(3)) - 700 - 702 + 1

with engine.connect() as one, engine.connect() as two:
    pids = {line.scalar(select(func.pg_backend_pid())) for line in (one, two)}
    assert len(pids) == 2
    assert one.scalar(select(func.current_setting("application_name"))) == "a shop"
assert engine.pool.checkedin() == 2
engine.dispose()
print("ok")
