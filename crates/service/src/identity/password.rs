use crate::ServiceError;
use crate::port::Entropy;
use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version};
use std::sync::{Mutex, PoisonError};

/// 19 MiB, 2 passes, 1 lane: the least that OWASP's cheat sheet names for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Characters of a password.
const SHORTEST: usize = 12;
const LONGEST: usize = 256;

/// One at a time: whoever sends many passwords must not take every core from the checks.
static TURN: Mutex<()> = Mutex::new(());

/// The digest of a password, as a PHC string.
///
/// Errors: it is too short or too long.
pub(super) fn hashed(password: &str, entropy: &dyn Entropy) -> Result<String, ServiceError> {
    let chars = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&chars) {
        return Err(ServiceError::input("the password is too short or too long", "take 12 to 256 characters"));
    }
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let hash: PasswordHash =
        argon2()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(ServiceError::storage)?;
    Ok(hash.to_string())
}

/// Whether the password is the one of the digest. Without a digest the same work is done, so that the time does not tell
/// whether there is such an account.
pub(super) fn fits(password: &str, hash: Option<&str>) -> Result<bool, ServiceError> {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let argon2 = argon2()?;
    // Longer ones were never taken; hashing them would only cost time.
    let password = if password.chars().count() > LONGEST { "" } else { password };
    let Some(hash) = hash else {
        let _: PasswordHash =
            argon2.hash_password_with_salt(password.as_bytes(), &[0; 16]).map_err(ServiceError::storage)?;
        return Ok(false);
    };
    let hash = PasswordHash::new(hash).map_err(ServiceError::storage)?;
    Ok(argon2.verify_password(password.as_bytes(), &hash).is_ok())
}

fn argon2() -> Result<Argon2<'static>, ServiceError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(ServiceError::storage)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
