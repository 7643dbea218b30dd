use crate::testing::Fixture;

#[test]
fn what_a_fixture_signs_is_admitted_under_its_own_scheme() {
    for mut fixture in [Fixture::new(1), Fixture::new(1).fast()] {
        let line = fixture.line(&["1.0.0", "1.1.0"]);
        assert_eq!(fixture.admit(&line).map(|chain| chain.len()), Ok(3));
    }
}
