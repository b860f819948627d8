//! Clusters that are made, stopped and left behind.

use super::*;

#[test]
fn a_cluster_keeps_what_it_has_and_leaves_nothing_behind() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    let database = cluster.database();
    database.run("CREATE TABLE notes (text text); INSERT INTO notes VALUES ('kept')");
    cluster.stop(Stop::Immediate);
    cluster.start_again();
    assert_eq!(database.run("SELECT text FROM notes"), "kept");
    let (place, address) = (cluster.home.place.clone(), cluster.address());
    drop(cluster);
    assert!(!place.exists());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_promoted_replica_has_what_was_committed() {
    let Some(main) = Cluster::start() else {
        return;
    };
    let replica = main.synchronous_replica();
    let database = main.database();
    database.run("CREATE TABLE notes (text text); INSERT INTO notes VALUES ('kept')");
    main.stop(Stop::Immediate);
    replica.promote();
    let there = Database::at(replica.url(database.name()));
    assert_eq!(there.run("SELECT text FROM notes"), "kept");
}
