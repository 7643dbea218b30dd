//! What an accepted change of the algorithm vouches for, in files that do not have it.

use super::{Chain, Fixture, Vouchers, chain_file};
use crate::rule::Rule;
use crate::statement::Cause;

#[test]
fn what_is_vouched_for_is_so_in_an_older_file_too() {
    let mut fixture = Fixture::new(1).fast().with_reserve(1, 1);
    let mut records = fixture.line(&["1.0", "1.1"]);
    let beside = fixture.release(&records[1], "6.6");
    let change = fixture.reserve_record(&records[2], Cause::Algorithm);
    let accepted = [change.digest()];
    records.push(change);
    let known = fixture.admit(&records).unwrap();
    // A copy from before the change, in which a signature is none: the change that vouches is known, but not in it.
    records.pop();
    records[1].blocks = fixture.block(&records[0].next, "another text");
    let older = chain_file(&records);
    let admit = |file: &str, vouchers: Vouchers<'_>| {
        Chain::admit_beside(file.as_bytes(), &known, vouchers, fixture.scheme()).map_err(|error| error.rule())
    };
    assert_eq!(admit(&older, Vouchers::None).unwrap_err(), Rule::Sig8);
    assert_eq!(admit(&older, Vouchers::Accepted(&accepted)).map(|chain| chain.len()), Ok(3));
    let forged = chain_file(records.iter().chain([&beside.with_blocks_of(&records[1])]));
    assert_eq!(admit(&forged, Vouchers::Accepted(&accepted)).unwrap_err(), Rule::Sig7, "beside the path");
}
