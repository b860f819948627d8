//! QR codes as pictures: black on white, with the quiet zone that scanners need.

use std::io::Cursor;

use image::{ImageFormat, Luma};
use qrcode::QrCode;
use shopcore::bot::frontend::FrontendError;

/// The edge of a module, so large that the picture stays crisp when Telegram compresses it.
const MODULE_PIXELS: u32 = 8;

/// The QR code of `content`, as a PNG.
pub(crate) fn png(content: &str) -> Result<Vec<u8>, FrontendError> {
    let refused = || FrontendError::Refused("the text does not fit into a QR code".to_owned());
    let code = QrCode::new(content).map_err(|_| refused())?;
    let picture = code
        .render::<Luma<u8>>()
        .quiet_zone(true)
        .module_dimensions(MODULE_PIXELS, MODULE_PIXELS)
        .build();
    let mut png = Cursor::new(Vec::new());
    let drawn = picture.write_to(&mut png, ImageFormat::Png);
    drawn.map_err(|error| FrontendError::Unavailable(error.into()))?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_module_is_drawn_inside_a_white_margin() {
        let content = "00020101021226610014COM.GO-JEK.WWW0118936009143";
        let picture = image::load_from_memory(&png(content).unwrap())
            .unwrap()
            .to_luma8();
        let code = QrCode::new(content).unwrap();
        let width = u32::try_from(code.width()).unwrap();
        let margin = (picture.width() / MODULE_PIXELS - width) / 2;
        assert_eq!((picture.width(), margin), (picture.height(), 4));
        let dark = |x: u32, y: u32| {
            let center = |n: u32| n * MODULE_PIXELS + MODULE_PIXELS / 2;
            picture.get_pixel(center(x), center(y)).0[0] < 128
        };
        for (n, color) in (0..).zip(code.to_colors()) {
            let drawn = dark(n % width + margin, n / width + margin);
            assert_eq!(drawn, color == qrcode::Color::Dark, "module {n}");
        }
        assert!((0..width + 8).all(|n| !dark(n, 3) && !dark(3, n)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let error = png(&"x".repeat(3_000)).unwrap_err();
        assert!(matches!(error, FrontendError::Refused(_)));
    }
}
