//! Tail areas of the normal, chi-square and Student distributions.

/// Steps after which a continued fraction or series has long converged; reached only by arguments out of range.
const MAX_STEPS: u32 = 10_000;
const TINY: f64 = 1e-300;

/// Two-sided tail of the standard normal beyond `|z|`.
pub(super) fn normal_two_sided(z: f64) -> f64 {
    upper_gamma_half(z * z / 2.0)
}

/// Upper tail of chi-square with one degree of freedom.
pub(super) fn chi_square_one(statistic: f64) -> f64 {
    upper_gamma_half(statistic / 2.0)
}

/// Q(1/2, x), the regularised upper incomplete gamma function (DLMF 8.2.4): series below 1.5, continued fraction above.
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn upper_gamma_half(x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    let root_pi = std::f64::consts::PI.sqrt();
    if x < 1.5 {
        // DLMF 8.7.1
        let mut term = 2.0;
        let mut sum = term;
        for step in 1..MAX_STEPS {
            term *= x / (0.5 + f64::from(step));
            sum += term;
            if term < sum * f64::EPSILON {
                break;
            }
        }
        return 1.0 - sum * x.sqrt() * (-x).exp() / root_pi;
    }
    // DLMF 8.9.2 by Lentz's method
    let mut b = x + 0.5;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for step in 1..MAX_STEPS {
        let i = f64::from(step);
        let a = -i * (i - 0.5);
        b += 2.0;
        d = 1.0 / not_zero(a * d + b);
        c = not_zero(b + a / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    (-x).exp() * x.sqrt() * fraction / root_pi
}

fn not_zero(value: f64) -> f64 {
    if value.abs() < TINY { TINY } else { value }
}

/// Natural logarithm of the gamma function for positive arguments (Lanczos, g = 7, nine terms).
pub(super) fn ln_gamma(x: f64) -> f64 {
    const FIRST: f64 = 0.999_999_999_999_809_9;
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // reflection, DLMF 5.5.3
        let sine = (std::f64::consts::PI * x).sin();
        return (std::f64::consts::PI / sine).ln() - ln_gamma(1.0 - x);
    }
    let shifted = x - 1.0;
    let mut sum = FIRST;
    let mut place = 1.0;
    for term in TERMS {
        sum += term / (shifted + place);
        place += 1.0;
    }
    let base = shifted + 7.5;
    0.5 * (2.0 * std::f64::consts::PI).ln() + (shifted + 0.5) * base.ln() - base + sum.ln()
}

/// Regularised incomplete beta function (DLMF 8.17.22 by Lentz's method).
#[expect(clippy::many_single_char_names, reason = "the letters of the formula")]
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front = (a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() / a;
    let mut c = 1.0;
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..MAX_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / not_zero(1.0 + even * d);
        c = not_zero(1.0 + even / c);
        fraction *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / not_zero(1.0 + odd * d);
        c = not_zero(1.0 + odd / c);
        fraction *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    front * fraction
}

/// Two-sided tail of Student's t beyond `|t|`; `freedom` need not be whole.
pub fn student_t_two_sided(t: f64, freedom: f64) -> f64 {
    incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The quantile 0.975 of Student's t, by bisection on its tail.
pub fn student_t_quantile_975(freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 2.0_f64);
    while student_t_two_sided(high, freedom) > 0.05 && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if student_t_two_sided(middle, freedom) > 0.05 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
