//! The rule for the names of queues, which the attribute checks at compile time and the endpoint when it is mounted.

const LONGEST: usize = 64;

/// True for at most 64 lowercase letters and digits, with single `_` or `-` between them. River's rule.
pub(crate) fn is_queue_name(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.len() <= LONGEST && name.split(['_', '-']).all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_letters_and_digits_are_joined_by_one_sign() {
        for name in ["orders", "orders-2", "a_b-c", "7", &"a".repeat(64)] {
            assert!(is_queue_name(name), "{name}");
        }
        for name in ["", "Orders", "a b", "-a", "a_", "a__b", "a-_b", "größe", &"a".repeat(65)] {
            assert!(!is_queue_name(name), "{name}");
        }
    }
}
