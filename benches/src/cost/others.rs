//! What others cost in a month, beside Pombo, and where one becomes cheaper than the other.

use std::fmt::Write as _;

use crate::cost::assumptions::SECONDS_OF_A_MONTH;
use crate::cost::prices::Price;

const EC2: &str = "Amazon EC2 on-demand pricing";
/// A small server: two shared processors, 2 GB.
const SERVER: Price = Price { dollars: 0.0168, per: 1.0, unit: "t4g.small and hour", page: EC2 };
/// A public address.
const ADDRESS: Price =
    Price { dollars: 0.005, per: 1.0, unit: "public IPv4 address and hour", page: "Amazon VPC pricing" };
/// A disk.
const DISK: Price = Price { dollars: 0.08, per: 1.0, unit: "GB of gp3 and month", page: "Amazon EBS pricing" };
/// A load balancer, with one capacity unit.
const BALANCER: Price = Price {
    dollars: 0.0305,
    per: 1.0,
    unit: "Application Load Balancer with one LCU and hour",
    page: "Elastic Load Balancing pricing",
};
/// A database in two zones.
const DATABASE: Price =
    Price { dollars: 0.064, per: 1.0, unit: "db.t4g.small in two zones and hour", page: "Amazon RDS pricing" };
/// A database's disk in two zones.
const DATABASE_DISK: Price =
    Price { dollars: 0.23, per: 1.0, unit: "GB of gp3 in two zones and month", page: "Amazon RDS pricing" };
const PRICES: [Price; 6] = [SERVER, ADDRESS, DISK, BALANCER, DATABASE, DATABASE_DISK];

/// Gigabytes of each server's disk and of the database's.
const DISK_SIZE: f64 = 20.0;
/// Twilio's fee for each message, sent or received (twilio.com/whatsapp/pricing).
const TWILIO: f64 = 0.005;
/// 360dialog's monthly fee for each number (docs.360dialog.com, Prices, plans and payments: Regular).
const DIALOG_360: f64 = 25.0;
/// Millions of messages a month that the table compares.
const VOLUMES: [f64; 4] = [0.01, 0.1, 1.0, 10.0];

/// What others cost beside Pombo's dollars at rest and for a million messages.
pub fn compared(at_rest: f64, per_million: f64) -> String {
    let hours = SECONDS_OF_A_MONTH / 3600.0;
    let server = SERVER.of(hours) + ADDRESS.of(hours) + DISK.of(DISK_SIZE);
    let pair =
        2.0 * server + BALANCER.of(hours) + 2.0 * ADDRESS.of(hours) + DATABASE.of(hours) + DATABASE_DISK.of(DISK_SIZE);
    let mut text = String::from(
        "## Compared\n\nDollars a month, without Meta's own fees, which are the same for all. Pombo at the price of a text at the lower rate.\n\n\
         | millions of messages a month | Pombo | one small server | a pair in two zones | 360dialog, one number | Twilio |\n|--:|--:|--:|--:|--:|--:|\n",
    );
    for millions in VOLUMES {
        let pombo = at_rest + millions * per_million;
        let fees = millions * 1e6 * TWILIO;
        let _ = writeln!(text, "| {millions} | {pombo:.2} | {server:.2} | {pair:.2} | {DIALOG_360:.2} | {fees:.0} |");
    }
    let beyond = |dollars: f64| (dollars - at_rest) / per_million;
    let per_second = |millions: f64| millions * 1e6 / SECONDS_OF_A_MONTH;
    let _ = write!(
        text,
        "\n**Pombo is not the cheapest** for everybody. One small server with a self-hosted gateway costs less above {:.1} million messages a \
         month ({:.2} a second on average), and loses what it has when it or its disk fails. A pair of servers in two zones with a load balancer and a \
         database costs less above {:.1} million ({:.1} a second); its operation, upgrades and backups are yours. 360dialog takes a fee for each number and none \
         for a message: it costs less above {:.1} million a number, and keeps no queue, retries or history for you. A fee of {:.1} cents a message \
         is more than Pombo costs from the first {:.0} messages a month on.\n\n\
         A server is a {:.4}-dollar hour of two shared processors and {DISK_SIZE:.0} GB; that it carries 10 million messages a month is assumed in its favour.\n\n\
         | | dollars | page |\n|---|--:|---|\n",
        beyond(server),
        per_second(beyond(server)),
        beyond(pair),
        per_second(beyond(pair)),
        beyond(DIALOG_360),
        TWILIO * 100.0,
        at_rest / (TWILIO - per_million / 1e6),
        SERVER.dollars,
    );
    for price in PRICES {
        let _ = writeln!(text, "| {} | {} | {} |", price.unit, price.dollars, price.page);
    }
    text + "\n"
}
