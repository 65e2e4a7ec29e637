"""The pictures, clip and voice a person tries the product with, and what draws them."""
